import type { LuaAlgorithm } from './lua-algorithm.js';

/** `sliding-window` and `concurrency` in Lua. */
export const LOG: LuaAlgorithm = {
  table: 'log',
  lua: `-- sliding-window and concurrency: stamps of 4 bytes, oldest first; gathered, pairs of stamp and count
local log={}
local function signed(d) if d>=AHEAD then return d-M end return d end
local function age(s,stamp) return signed((s.tick-stamp)%M) end
local function wait(s,stamp) return (s.window-age(s,stamp))*s.unit-now%s.unit end

function log.load(s,c)
  s.unit=c.W>LONGEST and COARSE or 1
  s.window=ceil(c.W/s.unit)
  s.tick=floor(now/s.unit)%M
  s.stride=c.L>EXACT and 8 or 4
  s.log=call('GET',s.key) or ''
  local size,first=#s.log,1
  if s.stride==4 then
    local lo,hi=0,size/4
    while lo<hi do
      local middle=floor((lo+hi)/2)
      if age(s,unpack('>I4',s.log,middle*4+1))>=s.window then lo=middle+1 else hi=middle end
    end
    first=lo*4+1
    s.used=size/4-lo
  else
    s.used=0
    while first<=size and age(s,unpack('>I4',s.log,first))>=s.window do first=first+8 end
    for at=first+4,size,8 do s.used=s.used+unpack('>I4',s.log,at) end
  end
  if first>1 then s.log=sub(s.log,first) end
end

function log.nth(s,n)
  if s.stride==4 then return (unpack('>I4',s.log,n*4-3)) end
  local at=1
  while true do
    local stamp,count=unpack('>I4I4',s.log,at)
    n=n-count
    if n<=0 then return stamp end
    at=at+8
  end
end

function log.retry(s,c)
  local leave=mustLeave(s.used+s.pending,c)
  if leave==0 or leave==inf then return leave end
  if leave>s.used then return wait(s,s.tick) end
  return wait(s,log.nth(s,leave))
end

function log.left(s,c,pending) return max(0,c.L-s.used-pending) end

function log.reset(s,c)
  if c.L==0 then return inf end
  return s.used==0 and 0 or wait(s,(unpack('>I4',s.log)))
end

function log.charge(s,c)
  local ticks,step=ceil(now/s.unit),1
  if s.stride==8 then step=max(1,floor(s.window/STEPS)) end
  local stamp=ceil(ticks/step)*step%M
  local last,count
  if #s.log>0 then
    last,count=unpack(s.stride==8 and '>I4I4' or '>I4',s.log,#s.log-s.stride+1)
    if signed((stamp-last)%M)<0 then stamp=last end
  end
  if s.stride==4 then s.log=s.log..string.rep(pack('>I4',stamp),c.cost)
  elseif last==stamp then s.log=sub(s.log,1,-5)..pack('>I4',count+c.cost)
  else s.log=s.log..pack('>I4I4',stamp,c.cost) end
  s.used=s.used+c.cost
  s.changed=true
  return stamp
end

function log.drop(s,units)
  s.used=s.used-units
  if s.stride==4 then s.log=sub(s.log,units*4+1) return end
  while units>0 do
    local stamp,count=unpack('>I4I4',s.log)
    s.log=sub(s.log,9)
    if count>units then s.log=pack('>I4I4',stamp,count-units)..s.log end
    units=units-count
  end
end

function log.debit(s,c)
  c.cost=min(c.cost,c.L)
  if c.cost==0 then return end
  if s.used+c.cost>c.L then log.drop(s,s.used+c.cost-c.L) end
  log.charge(s,c)
end

function log.refund(s,c)
  local left,at=c.cost,#s.log-s.stride+1
  while at>=1 and left>0 do
    local stamp,count=unpack('>I4',s.log,at),1
    if s.stride==8 then count=unpack('>I4',s.log,at+4) end
    if c.receipt<0 or stamp==c.receipt then
      local taken=min(left,count)
      local kept=''
      if taken<count then kept=pack('>I4I4',stamp,count-taken) end
      s.log=sub(s.log,1,at-1)..kept..sub(s.log,at+s.stride)
      s.used=s.used-taken
      left=left-taken
      s.changed=true
    elseif signed((stamp-c.receipt)%M)<0 then break end
    at=at-s.stride
  end
end

function log.save(s,c)
  if s.used==0 then call('DEL',s.key) return end
  local ahead=-age(s,unpack('>I4',s.log,#s.log-s.stride+1))
  call('SET',s.key,s.log,'PX',2*c.W+max(0,ahead)*s.unit)
end
`,
};
