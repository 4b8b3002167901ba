/**
 * The client id of a service token: `<hex>.access`, in older accounts followed by the team's domain.
 * https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/
 */
export function isCloudflareServiceToken(commonName: unknown): boolean {
  return typeof commonName === 'string' && (commonName.endsWith('.access') || commonName.includes('.access.'));
}
