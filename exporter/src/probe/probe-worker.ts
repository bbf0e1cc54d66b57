import { parentPort, workerData } from 'node:worker_threads';
import { watchLoopDelay } from './loop-delay';
import type { ProberEvents } from './probe-plan';
import { isProbeThreadData, type ProbeCommand, type ProbeMessage } from './probe-thread-protocol';
import { Prober } from './prober';
import { SourceError } from './source-error';

/** The other end of a `ProbeThread`: probes as `workerData` says, and ends the thread when all is played or stopped. */
export function runProbeThread(): void {
  const port = parentPort;
  const data: unknown = workerData;
  if (port === null || !isProbeThreadData(data)) throw new Error('runProbeThread needs a thread of its own');
  // undici makes an Error of each connection that it closes, and Node formats its stack: a tenth of the cost of a request.
  Error.stackTraceLimit = 1;
  const post = (message: ProbeMessage) => port.postMessage(message);
  const events = forwardEvents(post);
  const prober = new Prober(data.plan, events);
  port.on('message', (command: ProbeCommand) => void prober.stop(command.grace_seconds));
  const stopDelay = watchLoopDelay((delay) => post({ kind: 'delay', delay }));
  const end = (message: ProbeMessage) => {
    stopDelay();
    post(message);
    port.close();
  };
  prober.done.then(
    () => end({ kind: 'done' }),
    (error: unknown) => {
      if (error instanceof SourceError) end({ kind: 'refused', text: error.message });
      // In a tick of its own, so that the thread dies of it and its host hears why.
      else
        setImmediate(() => {
          throw error;
        });
    },
  );
  prober.start();
}

function forwardEvents(post: (message: ProbeMessage) => void): ProberEvents {
  return {
    onRecord: (...args) => post({ kind: 'event', name: 'onRecord', args }),
    onTarget: (...args) => post({ kind: 'event', name: 'onTarget', args }),
    onSkipped: (...args) => post({ kind: 'event', name: 'onSkipped', args }),
    onFieldDropped: (...args) => post({ kind: 'event', name: 'onFieldDropped', args }),
    onProgress: (...args) => post({ kind: 'event', name: 'onProgress', args }),
  };
}
