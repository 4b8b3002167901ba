import { EXACT_UP_TO, STEPS_PER_WINDOW } from '../../rate-limit/algorithms/sliding-window.js';
import { COARSE_TICK_MS, LONGEST_MS_WINDOW, OPERATION, STAMP_AHEAD, STAMP_MODULUS } from './layout.js';

/**
 * What a batch may hold that the fast part of `decide.ts` does not decide: several policies at once, costs, blocks, shadow, large limits, the
 * other algorithms, peeks, refunds, late cost. The functions are made by the first decision that needs them, so that a batch
 * without one does not pay for them.
 *
 * Each algorithm reads its key once (`load`), says how long `cost` has to wait (`retry`: 0 fits, infinite never will), what
 * is left and until when, and changes what it has read; `save` writes it back. A clock that has stepped back (a replica took
 * over) never makes anything young: stamps do not decrease.
 */
export const GENERAL = `
local M,AHEAD,LONGEST,COARSE,EXACT,STEPS=${STAMP_MODULUS},${STAMP_AHEAD},${LONGEST_MS_WINDOW},${COARSE_TICK_MS},${EXACT_UP_TO},${STEPS_PER_WINDOW}
local CONSUME,PEEK,REFUND,FORGET,PROBE=${OPERATION.consume},${OPERATION.peek},${OPERATION.refund},${OPERATION.forget},${OPERATION.probe}
local floor,ceil,max,min,inf=math.floor,math.ceil,math.max,math.min,math.huge
local pack,sub=struct.pack,string.sub

local function mustLeave(used,c)
  if c.L==0 or c.cost>c.L then return inf end
  return max(0,used+c.cost-c.L)
end

-- sliding-window and concurrency: stamps of 4 bytes, oldest first; gathered, pairs of stamp and count
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

-- gcra: a level in request-milliseconds, and when it was that high
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

-- fixed-window: a count, and when its window began
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

local algorithms={log,level,window,log}

local function put(value)
  out=out+1
  t[out]=value==inf and -1 or value
end

local function blockedFor(c)
  if c.block==0 then return 0 end
  return max(0,min(c.block,(tonumber(call('GET',c.blockKey) or 0)-now)))
end

-- All charges of one call look first, so that all are made or none.
local function decide(charges,charging)
  local admitted=true
  for _,c in ipairs(charges) do
    local s=c.state
    c.pending=s.pending
    c.wait=c.algorithm.retry(s,c)
    c.blocked=blockedFor(c)
    c.fits=c.wait==0 and c.blocked==0
    if c.fits then s.pending=s.pending+c.cost
    elseif not c.shadow then admitted=false end
  end
  for _,c in ipairs(charges) do
    local s,algorithm=c.state,c.algorithm
    if c.fits then
      local receipt,pending=-1,c.pending
      if charging and admitted and c.cost>0 then receipt=algorithm.charge(s,c) pending=0 end
      put(algorithm.left(s,c,pending))
      put(algorithm.reset(s,c))
      put(receipt)
    else
      local blocked=c.blocked
      if charging and blocked==0 and c.block>0 then
        blocked=c.block
        call('SET',c.blockKey,now+blocked,'PX',blocked)
      end
      put(-1-(blocked>0 and 0 or algorithm.left(s,c,c.pending)))
      put(max(blocked,algorithm.reset(s,c)))
      put(max(blocked,c.wait))
    end
  end
end

return function(f,k)
  local operation,count=f[1],f[2]
  if operation==PROBE then call('SET',KEYS[k+1],'','PX',1000) return k+1 end
  if operation==FORGET then
    for i=k+1,k+count do call('UNLINK',KEYS[i]) end
    return k+count
  end
  local charges,states={},{}
  for i=1,count do
    local at=i*8-5
    k=k+1
    local c={algorithm=algorithms[f[at]],L=f[at+1],B=f[at+2],W=f[at+3],cost=f[at+4],block=f[at+5],shadow=f[at+6]==1,receipt=f[at+7]}
    local s=states[KEYS[k]]
    if not s then
      s={key=KEYS[k],pending=0}
      states[s.key]=s
      c.algorithm.load(s,c)
    end
    c.state=s
    if c.block>0 then k=k+1 c.blockKey=KEYS[k] end
    charges[i]=c
  end
  if operation==CONSUME or operation==PEEK then decide(charges,operation==CONSUME)
  else
    for _,c in ipairs(charges) do
      if operation==REFUND then c.algorithm.refund(c.state,c) else c.algorithm.debit(c.state,c) end
    end
  end
  for _,c in ipairs(charges) do
    if c.state.changed then c.state.changed=false c.algorithm.save(c.state,c) end
  end
  return k
end`;
