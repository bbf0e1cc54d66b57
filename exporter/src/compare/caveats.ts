/** Every caveat and the rule that finds it. The record type makes a reason without a rule a compile error. */
import { blocks, CAVEAT_REASONS, type CaveatReason } from '../model/caveat';
import type { Caveat } from '../model/comparison';
import type { Steps } from '../stats/bootstrap';
import type { PairContext, Rule } from './rule';
import {
  cacheOverflowRule,
  hitRateUnreliableRule,
  hotPrefixCollapseRule,
  imbalancedRule,
  noCacheHitsRule,
  routingNearRandomRule,
  warmCacheRule,
} from './rules-cache';
import { clientOverloadedRule, clientSaturatedRule, targetSaturatedRule } from './rules-load';
import {
  errorRateRule,
  errorsRule,
  fewConversationsRule,
  outputTokensRule,
  promptsDifferRule,
  requestsMissingRule,
  shedLoadRule,
  unpairedRule,
} from './rules-requests';
import {
  engineVersionRule,
  gpuModelRule,
  kvCapacityRule,
  modelRule,
  replicaCountRule,
  targetDownRule,
  windowsApartRule,
} from './rules-servers';

const RULES: Record<CaveatReason, Rule> = {
  requests_missing: requestsMissingRule,
  model_differs: modelRule,
  prompts_differ: promptsDifferRule,
  output_tokens_differ: outputTokensRule,
  error_rate_differs: errorRateRule,
  errors: errorsRule,
  engine_version_differs: engineVersionRule,
  replica_count_differs: replicaCountRule,
  kv_capacity_differs: kvCapacityRule,
  gpu_model_differs: gpuModelRule,
  windows_apart: windowsApartRule,
  unpaired: unpairedRule,
  few_conversations: fewConversationsRule,
  client_saturated: clientSaturatedRule,
  client_overloaded: clientOverloadedRule,
  target_saturated: targetSaturatedRule,
  routing_near_random: routingNearRandomRule,
  warm_cache: warmCacheRule,
  cache_overflow: cacheOverflowRule,
  no_cache_hits: noCacheHitsRule,
  hot_prefix_collapse: hotPrefixCollapseRule,
  imbalanced: imbalancedRule,
  hit_rate_unreliable: hitRateUnreliableRule,
  target_down: targetDownRule,
  shed_load: shedLoadRule,
};

/** The caveats of a pair, in the order of CAVEAT_REASONS; a step per rule. */
export function* findCaveats(context: PairContext): Steps<Caveat[]> {
  const caveats: Caveat[] = [];
  for (const reason of CAVEAT_REASONS) {
    caveats.push(...RULES[reason](context).map((finding) => ({ reason, ...finding })));
    yield;
  }
  return caveats;
}

export const blocksVerdicts = (caveats: readonly Caveat[]) => caveats.some(({ reason }) => blocks(reason));
