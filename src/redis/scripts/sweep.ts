import { LuaScript } from './lua-script.js';

/**
 * Deletes some of the keys of one shard, step by step, because the server is held while a step runs. `KEYS[1]` is what they
 * begin with; `ARGV` the cursor, then what they are picked by: `all`; `counters` and what one of them begins with behind
 * that, each; or `identity` and how it ends. Returns the next cursor, `0` at the end. The pattern leaves little to look at
 * here, where a look costs more than in the server itself; an identity may hold a bar, so its end alone proves nothing.
 */
export const SWEEP = new LuaScript(`
local base,how=KEYS[1],ARGV[2]
local function literal(text) return (string.gsub(text,'[%*%?%[%]%^\\\\]','\\\\%0')) end
local pattern=literal(base)..'*'
if how=='identity' then pattern=pattern..'|'..literal(ARGV[3]) end
local found=redis.call('SCAN',ARGV[1],'MATCH',pattern,'COUNT',1000)
for _,key in ipairs(found[2]) do
  local rest=string.sub(key,#base+1)
  local bar=string.find(rest,'|',1,true)
  local picked=how=='all'
  if how=='identity' then picked=bar and string.sub(rest,bar+1)==ARGV[3] end
  if how=='counters' then
    for i=3,#ARGV do picked=picked or string.sub(rest,1,#ARGV[i])==ARGV[i] end
  end
  if picked then redis.call('UNLINK',key) end
end
return found[1]`);
