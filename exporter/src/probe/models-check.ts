import type { Page } from '../http/fetch-page';

/** Whether a target can be probed, from what it answers to `GET <url>/models`. */
export type Presence = { up: true; model: string } | { up: false; reason: DownReason; text: string };

/** Why a target is not probed; a closed list. */
export type DownReason = 'unreachable' | 'no_ready_replica' | 'refused' | 'no_model';

/**
 * A target is up if it lists its models. With a `configured` model the list is not needed, so a gateway that serves the chat
 * path alone (404, 401 on the list) is up too; a 5xx says that nothing ready is behind it. Pure.
 */
export function presence(page: Page, configured: string | null): Presence {
  if (page.ok) {
    const model = configured ?? firstModel(page.body);
    if (model !== null) return { up: true, model };
    return { up: false, reason: 'no_model', text: 'GET /models lists no model; set `model` for this target' };
  }
  if (page.reason !== 'http_status' || page.status === undefined) {
    return { up: false, reason: 'unreachable', text: page.detail };
  }
  if (page.status >= 500)
    return { up: false, reason: 'no_ready_replica', text: `GET /models: ${page.detail}` };
  if (configured !== null) return { up: true, model: configured };
  const text = `GET /models: ${page.detail}; check the url and the credentials, or set \`model\` for this target`;
  return { up: false, reason: 'refused', text };
}

function firstModel(body: Buffer): string | null {
  try {
    const page = JSON.parse(body.toString('utf8')) as { data?: { id?: unknown }[] } | null;
    const id = page?.data?.[0]?.id;
    return typeof id === 'string' && id !== '' ? id : null;
  } catch {
    return null;
  }
}
