/** The time, moving on ten times a second as long as somebody waits for something. */

/** Microseconds since the Unix epoch; `running` tells whether the time has to move. */
export class Now {
  us = $state(Date.now() * 1_000);

  constructor(running: () => boolean) {
    $effect(() => {
      if (!running()) return;
      this.us = Date.now() * 1_000;
      const timer = setInterval(() => (this.us = Date.now() * 1_000), 100);
      return () => clearInterval(timer);
    });
  }
}
