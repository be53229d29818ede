/**
 * Loaded before the runtime client in every child (`node --require`). It stands in for the client's native module,
 * which is not built when install scripts are off, ends the child when its host is gone, and sends the hosts named
 * by `--route` to loopback fakes. Product code is not touched and cannot tell.
 */
'use strict';
const http = require('node:http');
const https = require('node:https');
const Module = require('node:module');
const { urlToHttpOptions } = require('node:url');

const API = '/2018-06-01/runtime/invocation/';
const [apiHost, apiPort] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const token = process.env.EMULATOR_TOKEN;
const routes = JSON.parse(process.env.EMULATOR_ROUTES ?? '{}');
// What steers this file is not part of a function's environment.
delete process.env.EMULATOR_TOKEN;
delete process.env.EMULATOR_ROUTES;

// The host holds the other end of standard input; it closes when the host exits, however it does.
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0));
process.stdin.resume().unref();

// Other local processes can reach the Runtime API's port, so the host takes requests with the child's token only.
const plainRequest = http.request;
http.request = function request(...args) {
  const options = args[0];
  const forApi = typeof options === 'object' && options.hostname === apiHost && String(options.port) === apiPort;
  if (forApi) args[0] = { ...options, headers: { ...options.headers, 'x-environment-token': token } };
  return plainRequest.apply(this, args);
};

const agent = new http.Agent({ keepAlive: true });

function post(path, body, headers) {
  const request = http.request({
    hostname: apiHost,
    port: apiPort,
    path,
    method: 'POST',
    agent,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  });
  // Without its host an environment has nothing left to do.
  request.on('response', (response) => response.resume()).on('error', () => process.exit(1));
  request.end(body);
}

const nativeClient = {
  initializeClient() {},
  next() {
    throw new Error('next() goes over HTTP');
  },
  done: (id, body) => post(`${API}${id}/response`, body, {}),
  error: (id, body, xray) =>
    post(`${API}${id}/error`, body, {
      'lambda-runtime-function-error-type': String(JSON.parse(body).errorType ?? 'Error').replaceAll(
        /[^\x20-\x7e]/g,
        '?',
      ),
      'lambda-runtime-function-xray-error-cause': encodeURIComponent(xray).slice(0, 4096),
    }),
};
const load = Module._load;
Module._load = function loadModule(request, ...rest) {
  return request === './rapid-client.node' ? nativeClient : load.call(this, request, ...rest);
};

// As many pools of connections as the function has, so that what it does about idle ones holds for fakes too.
const pools = new WeakMap();
function plainAgent(agent) {
  if (!(agent instanceof https.Agent)) return undefined;
  const { keepAlive, maxSockets, maxFreeSockets, options } = agent;
  if (!pools.has(agent))
    pools.set(agent, new http.Agent({ keepAlive, maxSockets, maxFreeSockets, timeout: options.timeout }));
  return pools.get(agent);
}

function routed(open) {
  return function request(...args) {
    const [first, second] = args;
    const url = typeof first === 'string' ? new URL(first) : first instanceof URL ? first : undefined;
    const options =
      url === undefined ? first : { ...urlToHttpOptions(url), ...(typeof second === 'object' ? second : {}) };
    const host = String(options.hostname ?? options.host ?? '').toLowerCase();
    if (!Object.hasOwn(routes, host)) return open.apply(this, args);
    const target = new URL(routes[host]);
    const { lookup: _guard, agent: tls, createConnection: _socket, servername: _name, ...rest } = options;
    const callback = args.findLast((arg) => typeof arg === 'function');
    return http.request(
      {
        ...rest,
        agent: plainAgent(tls),
        protocol: 'http:',
        host: target.hostname,
        hostname: target.hostname,
        port: target.port,
        headers: { ...rest.headers, host },
      },
      callback,
    );
  };
}
if (Object.keys(routes).length > 0) {
  const request = routed(https.request);
  https.request = request;
  https.get = (...args) => request(...args).end();
}
Module.syncBuiltinESMExports();
