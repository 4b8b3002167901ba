// An application with a GraphQL API on each of Nest's drivers, over real sockets. Faked: authentication, by a header
// (`x-user`, `x-machine`) as the application's own guard would; the clock.
import {
  Injectable,
  Module,
  UnauthorizedException,
  UseGuards,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  Args,
  Field,
  GraphQLModule,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import {
  Audit,
  CurrentCaller,
  HumanOnly,
  M2MOnly,
  RateLimit,
  SkipAudit,
  SkipRateLimit,
  TokenClaims,
  type AuditEvent,
  type Caller,
} from '../../../src/index.js';
import type { ManualClock, RecordingAuditSink } from '../../../src/testing/index.js';
import { startApp, type Adapter, type RunningApp } from '../../support/app.js';
import { machineClaims, personClaims } from '../../support/header-auth.js';
import { RecordedServices, type ServicesOptions } from '../../support/recorded-services.js';

export const DRIVERS = ['apollo on express', 'apollo on fastify', 'mercurius'] as const;
export type Driver = (typeof DRIVERS)[number];

interface GraphqlRequest {
  headers?: Record<string, string | undefined>;
  extra?: { request: { headers: Record<string, string | undefined> } };
  user?: unknown;
}

/** Finds the request where each driver and each protocol keeps it. */
@Injectable()
class GraphqlAuth implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const graphql = context.getArgByIndex<{ req?: GraphqlRequest; request?: GraphqlRequest }>(2);
    const request = graphql.req ?? graphql.request!;
    const headers = request.headers ?? request.extra!.request.headers;
    const { 'x-user': user, 'x-machine': machine } = headers;
    if (user !== undefined) request.user = personClaims(user);
    else if (machine !== undefined) request.user = machineClaims(machine);
    else throw new UnauthorizedException();
    return true;
  }
}

@ObjectType()
class Order {
  @Field(() => String) id!: string;
}

@ObjectType()
class Shown {
  @Field(() => String) kind!: string;
  @Field(() => String, { nullable: true }) userId?: string | undefined;
  @Field(() => String, { nullable: true }) clientId?: string | undefined;
  @Field(() => String) transport!: string;
  @Field(() => String, { nullable: true }) sub?: string | undefined;
  @Field(() => String, { nullable: true }) ip?: string | undefined;
}

@Resolver(() => Order)
export class ApiResolver {
  static logins = 0;

  @Query(() => String) open() {
    return 'open';
  }
  @Query(() => String) @SkipRateLimit() unlimited() {
    return 'unlimited';
  }
  @Mutation(() => Boolean)
  @RateLimit({ name: 'login', maxRequests: 5, identifier: 'ip' })
  login(@Args('name') name: string) {
    ApiResolver.logins++;
    return name !== '';
  }
  @Query(() => String) @RateLimit({ maxRequests: 2 }) @UseGuards(GraphqlAuth) limited() {
    return 'limited';
  }
  @Query(() => String) @HumanOnly() @UseGuards(GraphqlAuth) person() {
    return 'person';
  }
  @Query(() => String) @UseGuards(GraphqlAuth) @M2MOnly() machine() {
    return 'machine';
  }
  @Query(() => String) @HumanOnly() nobodyYet() {
    return 'never';
  }
  @Query(() => Shown)
  @UseGuards(GraphqlAuth)
  whoami(@CurrentCaller() caller: Caller, @TokenClaims('sub') sub: string): Shown {
    const { kind, userId, clientId, transport, ip } = caller;
    return { kind, userId, clientId, transport, sub, ip };
  }
  @Mutation(() => Order)
  @UseGuards(GraphqlAuth)
  @Audit({ action: 'order.refund', metadata: (caller, order: Order) => ({ order: order.id, by: caller.userId }) })
  refund(@Args('id') id: string): Order {
    return { id };
  }
  @Query(() => String, { nullable: true }) breaks(): string {
    throw new RangeError('out of range');
  }
  @Query(() => String) @SkipAudit() quiet() {
    return 'quiet';
  }
  @Query(() => [Order]) orders(): Order[] {
    return ['1', '2', '3'].map((id) => ({ id }));
  }
  @ResolveField(() => String) @RateLimit({ name: 'price', maxRequests: 3 }) price(@Parent() order: Order) {
    return `${order.id}.00`;
  }
  @ResolveField(() => String) plain(@Parent() order: Order) {
    return order.id;
  }
  @ResolveField(() => String, { nullable: true }) @HumanOnly() secret(@Parent() order: Order) {
    return order.id;
  }
  @Subscription(() => String, { resolve: (value: unknown) => value })
  @RateLimit({ maxRequests: 1 })
  @UseGuards(GraphqlAuth)
  async *ticks() {
    await Promise.resolve();
    yield 'one';
    yield 'two';
  }
  @Subscription(() => String, { resolve: (value: unknown) => value })
  @HumanOnly()
  async *private() {
    await Promise.resolve();
    yield 'never';
  }
}

export interface World extends RunningApp {
  readonly sink: RecordingAuditSink;
  readonly clock: ManualClock;
  ask(body: object, headers?: Record<string, string>): Promise<Answer>;
  query(text: string, headers?: Record<string, string>): Promise<Answer>;
  /** The audit events so far; waits until there are as many. */
  audited(count: number): Promise<readonly AuditEvent[]>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- the answer of whatever was asked
  readonly body: any;
}

const adapterOf = (driver: Driver): Adapter => (driver === 'apollo on express' ? 'express' : 'fastify');

function graphqlModule(driver: Driver, settings: object = {}): DynamicModule {
  const common = { autoSchemaFile: true, ...settings };
  return driver === 'mercurius'
    ? GraphQLModule.forRoot<MercuriusDriverConfig>({
        driver: MercuriusDriver,
        allowBatchedQueries: true,
        subscription: true,
        ...common,
      })
    : GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        allowBatchedHttpRequests: true,
        subscriptions: { 'graphql-ws': true },
        ...common,
      });
}

export async function startWorld(
  driver: Driver,
  options: ServicesOptions = {},
  settings: object = {},
  providers: readonly Type[] = [ApiResolver],
): Promise<World> {
  const services = new RecordedServices(options);
  const { sink, clock } = services;
  @Module({ imports: [services.module, graphqlModule(driver, settings)], providers: [...providers] })
  class App {}
  const running = await startApp(adapterOf(driver), App);
  const ask: World['ask'] = async (body, headers = {}) => {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  return {
    ...running,
    sink,
    clock,
    ask,
    query: (text, headers) => ask({ query: text }, headers),
    audited: (count) => services.audited(running.app, count),
  };
}
