// Receives `count` messages with a handler that only counts, and ends.
const [port, qos, topic, count] = process.argv.slice(2)
const client = require('mqtt').connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 })
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
