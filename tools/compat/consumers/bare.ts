// An application that has none of the optional peers, and checks the types of its libraries too.
import { AuthServicesModule, MemoryRateLimitStorage, type AuditSink } from 'nestjs-auth-services';

export const sink: AuditSink = { write: (events) => void events.length };
export const module = AuthServicesModule.forRoot({
  audit: { sinks: [sink] },
  rateLimit: { storage: new MemoryRateLimitStorage() },
});
