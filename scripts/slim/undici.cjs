// undici's entry without what Taillight never calls: fetch, WebSocket, EventSource, caches, mocks, proxies, interceptors.
// `npm run typecheck` sees the whole of undici; that the bundle has what the exporter uses is tested by running it.
const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');
const Pool = require('undici/lib/dispatcher/pool.js');
const Agent = require('undici/lib/dispatcher/agent.js');
const buildConnector = require('undici/lib/core/connect.js');
const util = require('undici/lib/core/util.js');
const Request = require('undici/lib/api/api-request.js');

Dispatcher.prototype.request = Request;

/** As undici's own `request`, for calls that name their dispatcher: there is no global one here. */
function request(url, options) {
  const { dispatcher, method, body } = options;
  const { origin, pathname, search } = util.parseURL(url);
  return dispatcher.request({
    ...options,
    origin,
    path: `${pathname}${search}`,
    method: method || (body ? 'PUT' : 'GET'),
  });
}

module.exports = { Agent, Dispatcher, Pool, buildConnector, request };
