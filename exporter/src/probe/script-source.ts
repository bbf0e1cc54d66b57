import { readConversations, scriptsOf } from './conversations-file';
import { loadDocumentFolder } from './document-folder';
import type { ProbePlan } from './probe-plan';
import { readTrace, TraceScripts } from './trace-file';
import { buildScripts, type ConversationScript, type ScriptSource } from './workload';

/**
 * All texts are made before the first request, so that none is made while answers are timed; those of a trace, which may be
 * gigabytes, as they are needed.
 *
 * @throws SourceError when what they are read from cannot be used.
 */
export function openScripts({ config, source }: ProbePlan): ScriptSource {
  if (source?.kind === 'trace') return new TraceScripts(readTrace(source.path), source.speed);
  const { documents_dir, documents } = config.workload;
  if (source?.kind === 'conversations')
    return listed(scriptsOf(readConversations(source.path), config.workload));
  const folder = documents_dir === null ? undefined : loadDocumentFolder(documents_dir, documents);
  return listed(buildScripts(config.workload, folder));
}

function listed(scripts: readonly ConversationScript[]): ScriptSource {
  return {
    arrivals: null,
    get(index) {
      const script = scripts[index];
      if (script === undefined) throw new Error(`there is no script ${index}`);
      return script;
    },
  };
}
