-- Sends the requests of a file in turn, over and over, and prints what came of it as JSON:
--     wrk ... -s drive.lua URL -- FILE FIRST
-- A line of the file is METHOD, path, token, entity tag and body, with tabs between them.
local requests, place = {}, 0

function init(args)
    for line in io.lines(args[1]) do
        local method, path, token, tag, body = line:match("^(%u+)\t(%S+)\t(%S*)\t(%S*)\t(.*)$")
        local headers = { Host = wrk.headers["Host"] }
        if token ~= "" then headers["Authorization"] = token:gsub("~", " ") end
        if tag ~= "" then headers["If-None-Match"] = tag end
        if body ~= "" then headers["Content-Type"] = "application/json" end
        requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
    end
    place = tonumber(args[2])
end

function request()
    place = place + 1
    return requests[(place - 1) % #requests + 1]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %.1f, "p99": %.1f}\n',
        summary.requests, summary.duration, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)
    ))
end
