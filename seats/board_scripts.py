"""What Redis does for the board in one step each: scripts in Lua, their keys and arguments."""

from __future__ import annotations

from typing import Final

from seats.redis_link import TELL_LUA

_SAVE_LUA: Final = (
    TELL_LUA
    + """
local by = ARGV[1]
local function status(number)
  local text = redis.call('HGET', KEYS[1], number)
  if not text then return nil end
  local ok, found = pcall(cjson.decode, text)
  return ok and type(found) == 'table' and tonumber(found.version) and found or nil
end
-- newest wins; of two runs that made the same version, the first
local function save(number, text)
  local new, old = cjson.decode(text), status(number)
  if old and (old.version > new.version or (old.version == new.version and old.by ~= new.by)) then
    return false
  end
  if old and old.call_id and old.call_id ~= new.call_id
      and redis.call('HGET', KEYS[2], old.call_id) == number then
    redis.call('HDEL', KEYS[2], old.call_id)
  end
  if new.call_id then redis.call('HSET', KEYS[2], new.call_id, number) end
  redis.call('HSET', KEYS[1], number, text)
  if not old or old.version ~= new.version then tell(KEYS[3], by, 'seat', text) end
  return true
end
"""
)

# KEYS seats, offers, told; ARGV by, then number and text of each
SAVE_SEATS: Final = (
    _SAVE_LUA
    + """
-- told back: what another run made; what is newer by this run is a reservation that overtook us
local newer = {}
for n = 2, #ARGV, 2 do
  if not save(ARGV[n], ARGV[n + 1])
      and status(ARGV[n]).by ~= cjson.decode(ARGV[n + 1]).by then
    newer[#newer + 1] = redis.call('HGET', KEYS[1], ARGV[n])
  end
end
return newer
"""
)

# KEYS as above; ARGV by, number, call_id, reserved, then number and text of what is known
RESERVE: Final = (
    _SAVE_LUA
    + """
local number, call_id, reserved = ARGV[2], ARGV[3], ARGV[4]
-- what the caller decided from may not have been written yet: it comes along
for n = 5, #ARGV, 2 do save(ARGV[n], ARGV[n + 1]) end
local seat = status(number)
if seat.state ~= 'ready' or seat.version + 1 ~= cjson.decode(reserved).version then
  return {0, redis.call('HGET', KEYS[1], number)}
end
local holder = redis.call('HGET', KEYS[2], call_id)
local held = holder and holder ~= number and status(holder)
if held and held.call_id == call_id then
  local time = redis.call('TIME')
  local now_ms = time[1] * 1000 + time[2] / 1000
  if not (held.lease_until_ms and held.lease_until_ms <= now_ms) then
    return {0, redis.call('HGET', KEYS[1], holder)}
  end
end
save(number, reserved)
return {1}
"""
)

# KEYS calls, owners, told; ARGV by, controller, then call_id and state of each. Back: those of
# others.
SAVE_CALLS: Final = (
    TELL_LUA
    + """
local lost = {}
for n = 3, #ARGV, 2 do
  local call_id, state = ARGV[n], ARGV[n + 1]
  local owner = redis.call('HGET', KEYS[2], call_id)
  if owner and owner ~= ARGV[2] then
    lost[#lost + 1] = call_id
  else
    redis.call('HSET', KEYS[1], call_id, state)
    if not owner then redis.call('HSET', KEYS[2], call_id, ARGV[2]) end
    tell(KEYS[3], ARGV[1], 'call', ARGV[2] .. ' ' .. call_id .. ' ' .. state)
  end
end
return lost
"""
)

# KEYS calls, owners, told; ARGV by, controller, call_id …: what another took over is his to end
DROP_CALLS: Final = (
    TELL_LUA
    + """
for n = 3, #ARGV do
  local owner = redis.call('HGET', KEYS[2], ARGV[n])
  if not owner or owner == ARGV[2] then
    redis.call('HDEL', KEYS[1], ARGV[n])
    redis.call('HDEL', KEYS[2], ARGV[n])
    tell(KEYS[3], ARGV[1], 'gone', ARGV[n])
  end
end
"""
)

# KEYS calls, owners, told; ARGV by, controller, call_id
CLAIM: Final = (
    TELL_LUA
    + """
local state = redis.call('HGET', KEYS[1], ARGV[3])
if state and redis.call('HGET', KEYS[2], ARGV[3]) ~= ARGV[2] then
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[2])
  tell(KEYS[3], ARGV[1], 'claim', ARGV[2] .. ' ' .. ARGV[3])
end
return state
"""
)

# KEYS calls, owners, told; ARGV by, controller, the controller whose calls they were
CLAIM_ALL: Final = (
    TELL_LUA
    + """
local owners, taken = redis.call('HGETALL', KEYS[2]), {}
for n = 1, #owners, 2 do
  local state = owners[n + 1] == ARGV[3] and redis.call('HGET', KEYS[1], owners[n])
  if state then
    redis.call('HSET', KEYS[2], owners[n], ARGV[2])
    tell(KEYS[3], ARGV[1], 'claim', ARGV[2] .. ' ' .. owners[n])
    taken[#taken + 1] = owners[n]
    taken[#taken + 1] = state
  end
end
return taken
"""
)
