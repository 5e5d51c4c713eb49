# Sends events through Riemann's Ruby client; `ask` also asks for them and prints the answer.
#
# Usage: ruby riemann.rb tcp|udp|ask PORT COUNT

require 'json'
require 'riemann/client'

command, port, count = ARGV
client = Riemann::Client.new(host: '127.0.0.1', port: port.to_i, timeout: 10)
transport = command == 'udp' ? client.udp : client.tcp
count.to_i.times do |n|
  transport << {
    time: 1_700_000_000 + n, state: 'ok', service: 'ruby', host: 'web-1', description: "number #{n}, \u00fc",
    tags: %w[a b], ttl: 60, metric: n / 8.0, k: 'v'
  }
end
if command == 'ask'
  client.tcp['service = "ruby"'].each do |event|
    attributes = event.attributes.map { |attribute| { key: attribute.key, value: attribute.value } }
    puts JSON.generate(
      time: event.time, state: event.state, service: event.service, host: event.host,
      description: event.description, tags: event.tags, ttl: event.ttl, attributes: attributes,
      time_micros: nil, metric_sint64: event.metric_sint64, metric_d: event.metric_d, metric_f: event.metric_f
    )
  end
end
