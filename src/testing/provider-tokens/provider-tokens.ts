/**
 * The audience of every token unless the claims say otherwise, also of providers whose access tokens have none, so that one
 * `audience: 'api'` takes all of them. Spring's machines are their own audience: that is how they are known.
 */
export const TEST_AUDIENCE = 'api';
/** The client that the person signed in with. */
export const TEST_APP = 'test-app';
/** The machine. */
export const TEST_SERVICE = 'test-service';

type Claims = Readonly<Record<string, unknown>>;

export interface ProviderTokens {
  /** Absent where the provider issues no tokens for people, or none for machines. */
  readonly human?: (seconds: number) => Claims;
  readonly m2m?: (seconds: number) => Claims;
  /** The header's `typ`. @default 'JWT' */
  readonly typ?: string;
}

export const PERSON = '8f14e45f-ceea-467a-9d6e-8b1c2a3d4e5f';
export const NAMED = {
  name: 'Anna Example',
  preferred_username: 'anna',
  email: 'anna@example.com',
  email_verified: true,
};
export const TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';
export const MACHINE_OBJECT = '22223333-cccc-4444-dddd-5555eeee6666';
