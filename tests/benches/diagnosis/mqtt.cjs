// Connects as told on the command line (JSON) and prints everything that MQTT.js tells of it.
const fs = require('fs')
const told = JSON.parse(process.argv.at(-1))
const options = { ...told.options }
const read = (path) => fs.readFileSync(path)
const say = (...words) => console.log(...words)
try {
  for (const name of ['ca', 'cert', 'key', 'pfx']) {
    if (options[name]) options[name] = read(options[name])
  }
  const mqtt = require('mqtt')
  const client = mqtt.connect(told.url, options)
  // Its time begins here: a busy machine needs seconds to start Node.js.
  setTimeout(() => {
    say(`[went on for ${told.seconds} s]`)
    process.exit(0)
  }, told.seconds * 1000)
  client.on('connect', () => {
    say('connect')
    for (const { filter, qos } of told.subscriptions) {
      client.subscribe(filter, { qos }, (error, granted) =>
        say('subscribe', error ? error.message : JSON.stringify(granted)))
    }
    if (told.publish) {
      client.publish(told.publish.topic, 'x', told.publish.options, (error) =>
        say('publish', error ? error.message : 'done'))
    }
  })
  client.on('error', (error) => say('error', error.code ?? '', error.message))
  client.on('disconnect', (packet) => say('disconnect', JSON.stringify(packet)))
  for (const name of ['close', 'offline', 'reconnect', 'end']) client.on(name, () => say(name))
} catch (error) {
  say('throws', error.code ?? '', error.message)
  process.exit(1)
}
