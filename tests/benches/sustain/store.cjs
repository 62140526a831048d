// Stores `count` messages, a transaction for what has gathered in 10 ms, and ends.
const [port, topic, count, file] = process.argv.slice(2)
const database = require('better-sqlite3')(file)
database.pragma('journal_mode = WAL')
database.pragma('synchronous = NORMAL')
database.exec('CREATE TABLE message(id INTEGER PRIMARY KEY, ts INTEGER, topic TEXT, payload BLOB)')
const insert = database.prepare('INSERT INTO message(ts, topic, payload) VALUES (?, ?, ?)')
const store = database.transaction((rows) => {
  for (const row of rows) insert.run(row)
})
const client = require('mqtt').connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 })
let gathered = []
let stored = 0
let begun = 0
let timer = null
let cpu = null
const flush = () => {
  timer = null
  store(gathered)
  stored += gathered.length
  gathered = []
  if (stored < Number(count)) return
  const took = (performance.now() - begun) / 1e3
  const used = process.cpuUsage(cpu)
  const rows = database.prepare('SELECT count(*) AS rows FROM message').get().rows
  const cpuSeconds = (used.user + used.system) / 1e6
  console.log(JSON.stringify({ took_s: took, cpu_s: cpuSeconds, stored: rows }))
  client.end(false, {}, () => process.exit(0))
}
client.on('connect', () => client.subscribe(topic, { qos: 0 }))
client.on('message', (topic, payload) => {
  if (begun === 0) {
    begun = performance.now()
    cpu = process.cpuUsage()
  }
  gathered.push([Date.now(), topic, payload])
  timer ??= setTimeout(flush, 10)
})
client.on('error', (error) => {
  console.error(error)
  process.exit(1)
})
