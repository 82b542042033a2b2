// A slow link before the host: every request waits one round trip, and all bodies share one line.
const HEADERS = 300; // bytes of a response's head, about

/** A rule for the host that delays its answers and counts what they weigh. Without figures it only counts. */
export function slowLink({ roundTrip = 0, bytesPerSecond = Infinity } = {}) {
  const meter = { bytes: 0, requests: 0, rule };
  let lineFree = 0;

  async function rule(answer) {
    meter.requests++;
    meter.bytes += answer.body.length;
    if (roundTrip === 0) return answer;
    await sleep(roundTrip);
    lineFree = Math.max(Date.now(), lineFree) + ((answer.body.length + HEADERS) * 1000) / bytesPerSecond;
    await sleep(lineFree - Date.now());
    return answer;
  }

  return meter;
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
