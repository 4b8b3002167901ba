import type { LuaAlgorithm } from './lua-algorithm.js';

/** `fixed-window` in Lua. What is left it knows as the log does. */
export const WINDOW: LuaAlgorithm = {
  table: 'window',
  lua: `-- fixed-window: a count, and when its window began
local window={}

function window.load(s,c)
  local found=call('GET',s.key)
  local count,began=0,0
  if found then count,began=unpack('>dd',found) end
  s.began=floor(max(now,began)/c.W)*c.W
  s.used=began>=s.began and count or 0
end

local function untilEnd(s,c) return s.began+c.W-now end

function window.retry(s,c)
  local leave=mustLeave(s.used+s.pending,c)
  if leave==0 or leave==inf then return leave end
  return untilEnd(s,c)
end

window.left=log.left

function window.reset(s,c)
  if c.L==0 then return inf end
  return s.used==0 and 0 or untilEnd(s,c)
end

function window.charge(s,c)
  s.used=s.used+c.cost
  s.changed=true
  return s.began
end

window.debit=window.charge

function window.refund(s,c)
  if c.receipt>=0 and c.receipt~=s.began then return end
  s.used=max(0,s.used-c.cost)
  s.changed=true
end

function window.save(s,c)
  if s.used==0 then call('DEL',s.key) return end
  call('SET',s.key,pack('>dd',s.used,s.began),'PX',untilEnd(s,c))
end
`,
};
