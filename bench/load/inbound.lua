-- POSTs of signed forms from a file, each once. Lines: signature TAB body.
local forms, place, ran_out = {}, 0, 0
local path = "/reactivation/api/webhooks/twilio"
function init(args)
  for line in io.lines(args[1]) do
    local signature, body = line:match("^(.-)\t(.*)$")
    forms[#forms + 1] = wrk.format("POST", path,
      {["X-Twilio-Signature"] = signature, ["Content-Type"] = "application/x-www-form-urlencoded"}, body)
  end
end
function request()
  place = place + 1
  if place > #forms then place = 1; ran_out = 1 end
  return forms[place]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"micros":%d,"p50":%d,"p99":%d,"failed":%d,"broken":%d}\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99), e.status, e.connect + e.read + e.write + e.timeout))
end
