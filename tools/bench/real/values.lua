-- SPDX-License-Identifier: GPL-2.0-only
-- What the store of bench-real holds: a value is known from its key and the guest's
-- seed, so that each byte can be checked. Half of a value is like text.
--   EVAL values.lua 0 load|check SEED FROM TO    returns how many were wrong
local what, seed, from, to = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local text = string.rep('the quick brown fox jumps over the lazy dog, ', 12)
local bad = 0

local function value(i)
	local a = redis.sha1hex(seed .. 'a' .. i)
	local b = redis.sha1hex(seed .. 'b' .. i)
	local c = redis.sha1hex(seed .. 'c' .. i)
	local s = a .. b .. c
	local r = string.reverse(s)

	return s .. r .. string.upper(s) .. string.upper(r) .. text
end

for i = from, to - 1 do
	local key = string.format('key:%012d', i)

	if what == 'load' then
		redis.call('SET', key, value(i))
	elseif redis.call('GET', key) ~= value(i) then
		bad = bad + 1
	end
end
return bad
