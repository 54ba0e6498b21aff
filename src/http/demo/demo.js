/** The demo app: the access token stays in memory, the refresh token in its HttpOnly cookie. */
const BASE = '/v1/api/identity';
const AUTH = `${BASE}/auth`;
const CLIENT = 'nx-demo';
/** What has to survive the trip to Keycloak's page: state and code_verifier of this tab. */
const TRIP = 'nx-demo-trip';
/** Says that a refresh cookie is worth a try; the cookie itself can't be seen from here. */
const SIGNED_IN = 'nx-demo-signed-in';
/** The invitation that this tab was opened with, until it is accepted. */
const INVITATION = 'nx-demo-invitation';

const $ = (id) => document.getElementById(id);
const redirectUri = `${location.origin}/demo`;
let accessToken = '';

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** One call; a refusal becomes an Error that carries the answer. */
async function call(method, path, { json, form, token } = {}) {
  const headers = {
    ...(json && { 'content-type': 'application/json' }),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const body = json ? JSON.stringify(json) : form && new URLSearchParams(form);
  const response = await fetch(`${BASE}${path}`, { method, headers, body });
  const answer = response.status === 204 ? {} : await response.json();
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.title ?? answer.error_description ?? answer.error), { answer });
}

/** By the public key that the token names, as any resource server does it (RFC 7515 §5.2); and not expired. */
async function verify(token) {
  const [header, payload, signature] = token.split('.');
  const { kid } = readJson(header);
  const { keys } = await (await fetch('/jw-certs')).json();
  const jwk = keys.find((candidate) => candidate.kid === kid);
  if (!jwk) return false;
  const curve = { name: 'ECDSA', namedCurve: jwk.crv };
  const key = await crypto.subtle.importKey(
    'jwk',
    { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y },
    curve,
    false,
    ['verify'],
  );
  const signed = new TextEncoder().encode(`${header}.${payload}`);
  const good = await crypto.subtle.verify(
    { name: 'ECDSA', hash: 'SHA-256' },
    key,
    fromBase64url(signature),
    signed,
  );
  return good && readJson(payload).exp > Date.now() / 1000;
}
const readJson = (part) => JSON.parse(new TextDecoder().decode(fromBase64url(part)));

function say(text) {
  $('message').textContent = text;
  $('message').hidden = text === '';
}

function showSignedOut(text = '') {
  accessToken = '';
  localStorage.removeItem(SIGNED_IN);
  say(text);
  $('signed-in').hidden = true;
  $('signed-out').hidden = false;
  showInvitation();
}

async function showSignedIn(token, user) {
  accessToken = token;
  localStorage.setItem(SIGNED_IN, 'yes');
  say('');
  $('name').textContent = user.displayName;
  $('contact').textContent = [user.email, user.phone].filter(Boolean).join(' · ');
  const [header, claims] = token.split('.', 2).map((part) => JSON.stringify(readJson(part), null, 2));
  $('header').textContent = header;
  $('claims').textContent = claims;
  $('answer').hidden = true;
  const good = await verify(token);
  $('verdict').textContent = good ? 'verified' : 'not valid';
  $('verdict').dataset.good = String(good);
  $('signed-out').hidden = true;
  $('signed-in').hidden = false;
  showInvitation();
}

/** Signed in it can be accepted; before that it says who should sign in. */
function showInvitation() {
  $('invitation').hidden = !sessionStorage.getItem(INVITATION);
  $('accept').hidden = $('signed-in').hidden;
}

async function accept() {
  const token = sessionStorage.getItem(INVITATION);
  await call('POST', `/invitations/${encodeURIComponent(token)}/accept`, { json: {}, token: accessToken });
  sessionStorage.removeItem(INVITATION);
  await refresh(); // the next token has the rights
  say('You are a member now.');
}

/** To Keycloak's page by this service's authorization endpoint, with PKCE (RFC 7636). */
async function goToKeycloak(url = `${AUTH}/login?client_id=${CLIENT}`) {
  const trip = { state: random(), verifier: random() };
  sessionStorage.setItem(TRIP, JSON.stringify(trip));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(trip.verifier));
  const target = new URL(url, location.origin);
  const wanted = {
    redirect_uri: redirectUri,
    state: trip.state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(wanted)) target.searchParams.set(name, value);
  location.assign(target);
}

/** What came back at the redirect URI. The state says that this tab asked (RFC 6749 §10.12). */
async function comeBack(answer) {
  history.replaceState(null, '', '/demo');
  const trip = JSON.parse(sessionStorage.getItem(TRIP) ?? '{}');
  sessionStorage.removeItem(TRIP);
  if (answer.get('state') !== trip.state || answer.get('iss') !== location.origin) {
    return showSignedOut('That answer belongs to another sign-in. Please try again.');
  }
  if (answer.has('error'))
    return showSignedOut(`You are not signed in (${answer.get('error')}). Please try again.`);
  const form = {
    grant_type: 'authorization_code',
    client_id: CLIENT,
    redirect_uri: redirectUri,
    code: answer.get('code'),
    code_verifier: trip.verifier,
  };
  const { access_token, user } = await call('POST', '/auth/token', { form });
  await showSignedIn(access_token, user);
}

async function signIn() {
  const totp = $('totp').value;
  const credential = { scheme: 'password', value: $('password').value, ...(totp && { totp }) };
  const identifier = { scheme: 'email', value: $('email').value };
  try {
    const answer = await call('POST', '/auth/sign-in', {
      json: { identifier, credential, clientId: CLIENT },
    });
    $('sign-in').reset();
    await showSignedIn(answer.accessToken, answer.user);
  } catch (error) {
    const next = error.answer?.nextAction;
    if (next?.type !== 'continue_hosted') throw error;
    if (!next.accepts?.includes('totp') || totp) return goToKeycloak(next.url);
    $('totp-field').hidden = false;
    $('totp').focus();
  }
}

async function refresh() {
  const answer = await call('POST', '/auth/refresh', { json: {} });
  await showSignedIn(answer.accessToken, answer.user);
}

async function whoAmI() {
  const { user } = await call('GET', '/auth/who-am-i', { token: accessToken });
  $('answer').textContent = JSON.stringify(user, null, 2);
  $('answer').hidden = false;
}

async function signOut() {
  await call('POST', '/auth/sign-out', { json: {}, token: accessToken });
  showSignedOut();
}

/** Whatever is refused is said; an ended session leads back to the door. */
const guarded = (work) => async (event) => {
  event?.preventDefault();
  try {
    await work();
  } catch (error) {
    if (error.answer?.code === 'session.ended') return showSignedOut(error.message);
    if ($('signed-in').hidden) $('signed-out').hidden = false;
    say(error.message);
  }
};

$('sign-in').addEventListener('submit', guarded(signIn));
$('hosted').addEventListener(
  'click',
  guarded(() => goToKeycloak()),
);
// OpenID Connect "Initiating User Registration".
$('register').addEventListener(
  'click',
  guarded(() => goToKeycloak(`${AUTH}/login?client_id=${CLIENT}&prompt=create`)),
);
$('refresh').addEventListener('click', guarded(refresh));
$('who').addEventListener('click', guarded(whoAmI));
$('sign-out').addEventListener('click', guarded(signOut));
$('accept').addEventListener('click', guarded(accept));

await guarded(async () => {
  const answer = new URLSearchParams(location.search);
  if (answer.has('code') || answer.has('error')) return comeBack(answer);
  // Opened as localhost it is another origin than the one that is registered.
  const { issuer } = await (await fetch('/.well-known/oauth-authorization-server')).json();
  if (issuer !== location.origin) return location.replace(`${issuer}${location.pathname}${location.search}`);
  if (answer.has('invitation')) {
    sessionStorage.setItem(INVITATION, answer.get('invitation'));
    history.replaceState(null, '', '/demo');
  }
  if (localStorage.getItem(SIGNED_IN)) return refresh();
  return showSignedOut();
})();
