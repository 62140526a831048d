// Receives `count` messages with a handler that only counts, and ends.
const [port, qos, topic, count, version] = process.argv.slice(2)
const options = { reconnectPeriod: 0, protocolVersion: version === '5.0' ? 5 : 4 }
const client = require('mqtt').connect(`mqtt://127.0.0.1:${port}`, options)
let left = Number(count)
client.on('connect', () => client.subscribe(topic, { qos: Number(qos) }))
client.on('message', () => {
  left -= 1
  // Ends after the last acknowledgement is written.
  if (left === 0) setImmediate(() => client.end(false, {}, () => process.exit(0)))
})
client.on('error', (error) => {
  console.error(error)
  process.exit(1)
})
