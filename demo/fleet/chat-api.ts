import type { ChatMessage } from './tokenizer';

/** `/v1/chat/completions` as vLLM 0.32 reads and writes it, as far as a client that measures can see. Pure. */

export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  /** null: as far as the context reaches. */
  maxTokens: number | null;
  stream: boolean;
  includeUsage: boolean;
  ignoreEos: boolean;
  cacheSalt: string | null;
}

export interface ApiError {
  status: number;
  body: { error: { message: string; type: string; param: string | null; code: number } };
}

export type Parsed = { ok: true; request: ChatRequest } | { ok: false; error: ApiError };

const FINGERPRINT = 'vllm-0.32.0-39a7d04a';

export function apiError(
  status: number,
  type: string,
  message: string,
  param: string | null = null,
): ApiError {
  return { status, body: { error: { message, type, param, code: status } } };
}

function invalid(message: string, param: string | null = null): { ok: false; error: ApiError } {
  return { ok: false, error: apiError(400, 'BadRequestError', message, param) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text of a message: a string, or parts of which the text ones count; null when it is neither. */
function contentText(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (content === null) return '';
  if (!Array.isArray(content)) return null;
  const texts = content.map((part: unknown) =>
    isRecord(part) && typeof part['text'] === 'string' ? part['text'] : null,
  );
  return texts.some((text) => text === null) ? null : texts.join('');
}

function parseMessages(value: unknown): ChatMessage[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const messages: ChatMessage[] = [];
  for (const item of value as unknown[]) {
    if (!isRecord(item) || typeof item['role'] !== 'string') return null;
    const content = contentText(item['content'] ?? null);
    if (content === null) return null;
    messages.push({ role: item['role'], content });
  }
  return messages;
}

/** Reads a request body; never throws. */
export function parseChatRequest(body: Buffer, servedModel: string): Parsed {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return invalid("[{'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error', 'input': {}}]");
  }
  if (!isRecord(json))
    return invalid("[{'type': 'dict_type', 'loc': ('body',), 'msg': 'Input should be a valid dictionary'}]");
  const messages = parseMessages(json['messages']);
  if (messages === null) {
    return invalid("[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required'}]", 'messages');
  }
  const model = json['model'] === undefined || json['model'] === null ? servedModel : json['model'];
  if (model !== servedModel) {
    return {
      ok: false,
      error: apiError(404, 'NotFoundError', `The model \`${String(model)}\` does not exist.`, 'model'),
    };
  }
  const maxTokens = json['max_completion_tokens'] ?? json['max_tokens'] ?? null;
  if (
    maxTokens !== null &&
    (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1)
  ) {
    return invalid(`max_tokens must be at least 1, got ${JSON.stringify(maxTokens)}.`, 'max_tokens');
  }
  if ((json['n'] ?? 1) !== 1) return invalid('this simulated server answers n = 1 only', 'n');
  const stream = json['stream'] === true;
  const options = json['stream_options'] ?? null;
  if (options !== null && !stream) {
    return invalid('Stream options can only be defined when `stream=True`.', 'stream_options');
  }
  return {
    ok: true,
    request: {
      model: servedModel,
      messages,
      maxTokens,
      stream,
      includeUsage: isRecord(options) && options['include_usage'] === true,
      ignoreEos: json['ignore_eos'] === true,
      cacheSalt: typeof json['cache_salt'] === 'string' ? json['cache_salt'] : null,
    },
  };
}

/** The refusal of a request that does not fit the context. */
export function contextExceeded(
  maxModelLength: number,
  promptTokens: number,
  maxTokens: number | null,
): ApiError {
  const output = maxTokens ?? 0;
  return apiError(
    400,
    'BadRequestError',
    `This model's maximum context length is ${maxModelLength} tokens. However, you requested ${output} output tokens and ` +
      `your prompt contains ${promptTokens} input tokens, for a total of ${promptTokens + output} tokens. Please reduce ` +
      'the length of the input prompt or the number of requested output tokens.',
    'input_tokens',
  );
}

export interface Usage {
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
}

function usageJson(usage: Usage): Record<string, unknown> {
  return {
    prompt_tokens: usage.promptTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    completion_tokens: usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens, created_cache_tokens: 0 },
  };
}

export interface AnswerHead {
  id: string;
  /** Unix seconds. */
  created: number;
  model: string;
}

/** Writes the events of one stream. The constant parts are made once, as a fleet writes thousands of events a second. */
export class StreamWriter {
  private readonly prefix: string;

  constructor(head: AnswerHead) {
    const { id, created, model } = head;
    this.prefix = `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created, model }).slice(0, -1)}`;
  }

  role(): string {
    return `${this.prefix},"choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":null,"prompt_text":null}\n\n`;
  }

  /** @param text one of our own words: nothing in it needs escaping beyond JSON's. */
  delta(text: string): string {
    return `${this.prefix},"choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"logprobs":null,"finish_reason":null,"token_ids":null}]}\n\n`;
  }

  lastDelta(text: string, finishReason: 'stop' | 'length'): string {
    return `${this.prefix},"choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"logprobs":null,"finish_reason":"${finishReason}","stop_reason":null,"token_ids":null}]}\n\n`;
  }

  usage(usage: Usage): string {
    return `${this.prefix},"choices":[],"usage":${JSON.stringify(usageJson(usage))},"system_fingerprint":"${FINGERPRINT}"}\n\n`;
  }

  done(): string {
    return 'data: [DONE]\n\n';
  }
}

/** The answer to a request that does not stream. */
export function wholeAnswer(
  head: AnswerHead,
  text: string,
  finishReason: string,
  usage: Usage,
): Record<string, unknown> {
  const details = { cached_tokens: usage.cachedTokens, created_cache_tokens: 0, multimodal_tokens: null };
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text,
          refusal: null,
          annotations: null,
          audio: null,
          function_call: null,
          reasoning: null,
        },
        logprobs: null,
        finish_reason: finishReason,
        stop_reason: null,
        token_ids: null,
        routed_experts: null,
      },
    ],
    service_tier: null,
    system_fingerprint: FINGERPRINT,
    usage: { ...usageJson(usage), prompt_tokens_details: details, completion_tokens_details: null },
    prompt_logprobs: null,
    prompt_token_ids: null,
    prompt_text: null,
    kv_transfer_params: null,
    ec_transfer_params: null,
    metrics: null,
  };
}

/** `GET /v1/models`. */
export function modelList(model: string, maxModelLength: number, created: number): Record<string, unknown> {
  const permission = {
    id: 'modelperm-b0c27dfaa240b5aa',
    object: 'model_permission',
    created,
    allow_create_engine: false,
    allow_sampling: true,
    allow_logprobs: true,
    allow_search_indices: false,
    allow_view: true,
    allow_fine_tuning: false,
    organization: '*',
    group: null,
    is_blocking: false,
  };
  return {
    object: 'list',
    data: [
      {
        id: model,
        object: 'model',
        created,
        owned_by: 'vllm',
        root: model,
        parent: null,
        max_model_len: maxModelLength,
        permission: [permission],
      },
    ],
  };
}
