import { Controller, Get, Header } from '@nestjs/common';
import { M2MTokenDetector, TokenClaims, type JwtClaims } from 'nestjs-auth-services';

/** What the detector makes of the token that you send. */
@Controller('token')
export class TokenController {
  constructor(private readonly detector: M2MTokenDetector) {}

  /** The verdict together with the claims that handlers ask for most. */
  @Get()
  info(@TokenClaims() claims: JwtClaims) {
    return {
      metadata: this.detector.getTokenMetadata(claims),
      // True unless it is a machine for certain: what holds for people, such as a second factor, holds for the unclear too.
      requiresUserContext: this.detector.requiresUserContext(claims),
    };
  }

  /** Why, in words: for whoever has to find out why a token was refused. */
  @Get('explanation')
  @Header('Content-Type', 'text/plain')
  explanation(@TokenClaims() claims: JwtClaims) {
    return this.detector.explain(claims);
  }
}
