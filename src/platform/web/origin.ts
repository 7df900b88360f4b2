const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request may change anything, by where the browser says it comes from (interfaces.md "Errors"):
 * a foreign `Origin`, or a `Sec-Fetch-Site` other than same-origin or none, is refused;
 * a signed-in request that carries neither header is refused too.
 */
export function originAllows(request: {
  method: string;
  origin: string | undefined;
  fetchSite: string | undefined;
  signedIn: boolean;
  baseUrl: string;
}): boolean {
  if (safe.has(request.method)) return true;
  if (request.origin !== undefined && request.origin !== request.baseUrl) return false;
  if (request.fetchSite !== undefined && request.fetchSite !== 'same-origin' && request.fetchSite !== 'none')
    return false;
  return !request.signedIn || request.origin !== undefined || request.fetchSite !== undefined;
}
