import { EXACT_UP_TO, STEPS_PER_WINDOW } from '../../rate-limit/algorithms/sliding-window.js';
import { ALGORITHMS_LUA, TABLES_LUA } from './algorithms/index.js';
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

${ALGORITHMS_LUA}
local algorithms=${TABLES_LUA}

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
