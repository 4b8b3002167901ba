import { ForbiddenException, Injectable, UnprocessableEntityException } from '@nestjs/common';
import { AuditLogger, type AuditDetails, type Caller } from 'nestjs-auth-services';

export interface Transfer {
  readonly from: string;
  /** Where the money goes. */
  readonly iban: string;
  readonly amount: number;
}

interface Account {
  readonly owner: string;
  balance: number;
}

/** Events by hand around an operation: what was tried, by whom, and how it ended. */
@Injectable()
export class TransfersService {
  private readonly accounts = new Map<string, Account>([
    ['A-1', { owner: 'alice', balance: 100 }],
    ['B-1', { owner: 'bob', balance: 100 }],
  ]);

  constructor(private readonly audit: AuditLogger) {}

  transfer(caller: Caller, transfer: Transfer): { balance: number } {
    const details: AuditDetails = {
      userId: caller.userId,
      ipAddress: caller.ip,
      action: 'transfer.create',
      metadata: { ...transfer },
    };
    const account = this.accounts.get(transfer.from);
    if (account === undefined || account.owner !== caller.userId) {
      this.audit.logAccessDenied('not_owner', details);
      throw new ForbiddenException('This account is not yours');
    }
    this.audit.log({ ...details, eventType: 'transfer_started' });
    if (!(transfer.amount > 0 && transfer.amount <= account.balance)) {
      this.audit.log({ ...details, eventType: 'transfer_failed', outcome: 'failure', reason: 'insufficient_funds' });
      throw new UnprocessableEntityException('Not enough money');
    }
    account.balance -= transfer.amount;
    this.audit.log({ ...details, eventType: 'transfer_completed', outcome: 'success' });
    return { balance: account.balance };
  }
}
