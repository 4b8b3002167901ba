import {
  AGE_FACTOR,
  FIRST_SHAPE,
  NOT_FAST,
  OPERATION,
  STAMP_AHEAD,
  STAMP_MODULUS,
  TIME_FACTOR,
  TOO_LATE,
} from './layout.js';
import { GENERAL } from './general.js';
import { LuaScript } from './lua-script.js';

/**
 * Decides a batch, all of it at one moment of the server's clock.
 *
 * - `KEYS`: those of each decision, in order.
 * - `ARGV`: the last millisecond at which the batch may still be decided; two arguments that make the first shape; the order:
 *   a letter for each decision, its shape; then two arguments for each further shape. Without an order there is one
 *   decision, a fast one, and the answer is its number alone, because a list costs the server more than the decision.
 * - A shape is a limit and a window, or nothing and the numbers that `general.ts` reads.
 *
 * Fast is one sliding window of at most 1,024 requests and 70 minutes, asked for one request, without a block: its log is
 * read and longer by 4 bytes. Its expiry is set when it is begun or cut and not with each request: while the oldest stamp is
 * live, two windows from then are enough for the newest. Full, the log is written anew, without the room that APPEND left.
 */
export const DECIDE = new LuaScript(`
local call,unpack=redis.call,struct.unpack
local t=call('TIME')
local now=t[1]*1000+t[2]/1000
now=now-now%1
t[1],t[2]=now,nil
if now>ARGV[1]+0 then t[2]=${TOO_LATE} return t end
local out,k,order=1,0,ARGV[4]
local stamp=now%${STAMP_MODULUS}
local low,packed=now%${TIME_FACTOR},struct.pack('>I4',stamp)
local shape,L,W=${FIRST_SHAPE},tonumber(ARGV[2]),ARGV[3]
if L then W=W+0 end
local general,specs
for i=1,order and #order or 1 do
  local numbers
  if order then
    local id=string.byte(order,i)
    if id~=shape then
      shape=id
      local at=id==${FIRST_SHAPE} and 2 or id*2-${2 * FIRST_SHAPE - 3}
      L,W=tonumber(ARGV[at]),ARGV[at+1]
      if L then W=W+0 end
    end
  end
  if L then
    k=k+1
    out=out+1
    local key=KEYS[k]
    local s=call('GET',key)
    local since=s and (stamp-unpack('>I4',s,#s-3))%${STAMP_MODULUS}
    if not s or since>=W and since<${STAMP_AHEAD} then
      call('SET',key,packed,'PX',W*2)
      t[out]=(L-1)*${AGE_FACTOR * TIME_FACTOR}+low
    else
      local n,age=#s/4,(stamp-unpack('>I4',s))%${STAMP_MODULUS}
      if since>=${STAMP_AHEAD} or n>L then
        t[out]=${NOT_FAST}
        k=k-1
        numbers={${OPERATION.consume},1,1,L,L,W,1,0,0,-1}
      elseif age>=W then
        local lo,hi=1,n-1
        while lo<hi do
          local middle=(lo+hi-(lo+hi)%2)/2
          if (stamp-unpack('>I4',s,middle*4+1))%${STAMP_MODULUS}>=W then lo=middle+1 else hi=middle end
        end
        s=string.sub(s,lo*4+1)
        call('SET',key,s..packed,'PX',W*2)
        t[out]=((L-n+lo-1)*${AGE_FACTOR}+(stamp-unpack('>I4',s))%${STAMP_MODULUS})*${TIME_FACTOR}+low
      elseif n<L then
        if n+1<L then call('APPEND',key,packed) else call('SET',key,s..packed,'KEEPTTL') end
        t[out]=((L-n-1)*${AGE_FACTOR}+age)*${TIME_FACTOR}+low
      else t[out]=-1-age*${TIME_FACTOR}-low end
    end
  else
    specs=specs or {}
    numbers=specs[W]
    if not numbers then
      numbers={}
      for number in string.gmatch(W,'%S+') do numbers[#numbers+1]=tonumber(number) end
      specs[W]=numbers
    end
  end
  if numbers then
    general=general or (function()
${GENERAL}
    end)()
    k=general(numbers,k)
  end
end
if order or t[2]==${NOT_FAST} then return t end
return t[2]`);
