import { Module } from '@nestjs/common';
import { AuthServicesModule } from 'nestjs-auth-services';
import { Accounts } from './accounts.js';
import { LoginController } from './login.controller.js';
import { LoginProtection } from './login-protection.js';

@Module({
  imports: [
    AuthServicesModule.forRoot({
      rateLimit: {
        // Whoever it is, so many requests from one address; refused ones count too.
        perIp: { maxRequests: 300, windowSeconds: 60 },
        policies: {
          // One machine that tries many names …
          'login-address': { maxRequests: 20, windowSeconds: 900, onStoreFailure: 'closed' },
          // … and many machines that try one name.
          'login-account': { maxRequests: 5, windowSeconds: 900, onStoreFailure: 'closed' },
          // A look at the counts and the charge that follows are two steps: of one name, one password is checked at a time.
          'login-at-once': { algorithm: 'concurrency', maxRequests: 1, windowSeconds: 10, onStoreFailure: 'closed' },
        },
        singleProcess: true,
      },
    }),
  ],
  controllers: [LoginController],
  providers: [Accounts, LoginProtection],
})
export class AppModule {}
