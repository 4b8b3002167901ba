// Real: Nest's decorators and metadata. Faked: nothing.
import { Controller, Get, UseGuards, type CanActivate } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { describe, expect, it } from '@jest/globals';
import { AUTHENTICATES } from '../../src/request/authenticates.js';
import { authenticates } from '../../src/startup/authenticating-guards.js';
import { checkClassGuards } from '../../src/startup/class-guard-check.js';
import { guardsOf, placeGuards } from '../../src/startup/guard-placement.js';
import { handlersOf, isRoute } from '../../src/startup/routes.js';

class Ours implements CanActivate {
  canActivate = () => true;
}
class First implements CanActivate {
  canActivate = () => true;
}
class Second implements CanActivate {
  canActivate = () => true;
}
const isOurs = (guard: Function) => guard === Ours;

describe('the place of our guards', () => {
  it('is behind the other guards of the same list, whose own order stays', () => {
    @Controller()
    @UseGuards(Ours)
    @UseGuards(First, Second)
    class Listed {
      @Get() @UseGuards(First) @UseGuards(Ours) @UseGuards(Second) method() {}
      @Get('others') @UseGuards(Second, First) others() {}
    }
    placeGuards([Listed], isOurs);
    expect(guardsOf(Listed)).toEqual([First, Second, Ours]);
    expect(guardsOf(Listed.prototype.method)).toEqual([Second, First, Ours]);
    expect(guardsOf(Listed.prototype.others)).toEqual([Second, First]);
    placeGuards([Listed], isOurs);
    expect(guardsOf(Listed)).toEqual([First, Second, Ours]);
  });

  it('is found on inherited classes and methods as well', () => {
    abstract class Base {
      @Get() @UseGuards(First) @UseGuards(Ours) @UseGuards(Second) inherited() {}
    }
    UseGuards(Ours, First)(Base);
    @Controller()
    class Child extends Base {}
    placeGuards([Child], isOurs);
    expect(guardsOf(Child)).toEqual([First, Ours]);
    expect(guardsOf(Child.prototype.inherited)).toEqual([Second, First, Ours]);
    expect(handlersOf(Child).map(({ name }) => name)).toEqual(['inherited']);
    expect(handlersOf(Child).every(isRoute)).toBe(true);
  });

  it('knows guards that were made by hand', () => {
    @Controller()
    @UseGuards(new Ours(), new First())
    class ByHand {}
    placeGuards([ByHand], isOurs);
    expect(guardsOf(ByHand)).toEqual([First, Ours]);
  });
});

describe('what authenticates', () => {
  class Branded {
    static readonly [AUTHENTICATES] = true;
  }
  class JwtGuard {}
  class AuthorizationGuard {}
  class RolesGuard {}
  class OwnPassport extends AuthGuard('own') {}
  it.each([
    [AuthGuard('jwt'), 'surely'],
    [OwnPassport, 'surely'],
    [Branded, 'surely'],
    [JwtGuard, 'perhaps'],
    [AuthorizationGuard, 'no'],
    [RolesGuard, 'no'],
  ])('is told by its methods or its brand, and only guessed by its name: %p', (guard, expected) => {
    expect(authenticates(guard)).toBe(expected);
  });

  it('is said, not refused, where only a name suggests it', () => {
    @Controller()
    @UseGuards(Ours)
    class Guessed {
      @Get() @UseGuards(JwtGuard) method() {}
    }
    const warnings: string[] = [];
    checkClassGuards(Guessed, [], isOurs, (message) => void warnings.push(message));
    expect(warnings).toEqual([expect.stringMatching(/Guessed.*method\(\).*JwtGuard/)]);
  });
});
