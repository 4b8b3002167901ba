import type { LuaAlgorithm } from './lua-algorithm.js';

/** `gcra` in Lua. */
export const LEVEL: LuaAlgorithm = {
  table: 'level',
  lua: `-- gcra: a level in request-milliseconds, and when it was that high
local level={}

function level.load(s,c)
  local found=call('GET',s.key)
  s.stored,s.at=0,now
  if found then s.stored,s.at=unpack('>dd',found) end
  s.behind=max(0,s.at-now)
  s.used=max(0,s.stored-max(0,now-s.at)*c.L)
end

local function fit(s,c,cost,pending)
  if c.L==0 or cost>c.B then return inf end
  local ms=max(0,ceil((s.used+pending*c.W+(cost-c.B)*c.W)/c.L))
  return ms==0 and 0 or ms+s.behind
end

function level.retry(s,c) return fit(s,c,c.cost,s.pending) end

function level.left(s,c,pending)
  if c.L==0 then return 0 end
  return max(0,floor((c.B*c.W-s.used-pending*c.W)/c.W))
end

function level.reset(s,c)
  if c.L==0 then return inf end
  if s.used==0 then return 0 end
  return fit(s,c,min(c.B,level.left(s,c,0)+1),0)
end

function level.raise(s,to)
  s.used,s.stored,s.at,s.changed=to,to,max(now,s.at),true
  return s.at
end

function level.charge(s,c) return level.raise(s,s.used+c.cost*c.W) end

function level.debit(s,c) level.raise(s,min(s.used+c.cost*c.W,max(s.used,(c.B+c.L)*c.W))) end

function level.refund(s,c)
  local since=c.receipt<0 and 0 or s.at-c.receipt
  s.stored=max(0,s.stored-max(0,c.cost*c.W-since*c.L))
  s.changed=true
end

function level.save(s,c)
  if s.stored==0 or c.L==0 then call('DEL',s.key) return end
  call('SET',s.key,pack('>dd',s.stored,s.at),'PX',ceil(s.stored/c.L)+1+max(0,s.at-now))
end
`,
};
