// Notes each animation frame and, once it is drawn, the newest message that is a row in it.
const probe = { frames: [], seen: [], newest: -1, running: true }
const drawn = new MessageChannel()
// A message posted in a frame comes after the frame was laid out and drawn.
drawn.port1.onmessage = ({ data }) => probe.seen.push([data, Date.now()])
const previews = () => document.querySelectorAll('[data-testid=message-row] [data-testid=message-preview]')
const frame = (now) => {
  if (!probe.running) return
  probe.frames.push(now)
  let newest = probe.newest
  for (const preview of previews()) newest = Math.max(newest, parseInt(preview.textContent, 10) || 0)
  if (newest > probe.newest) {
    probe.newest = newest
    drawn.port2.postMessage(newest)
  }
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)
window.probe = probe
