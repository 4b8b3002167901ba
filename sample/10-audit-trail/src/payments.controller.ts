import { Body, Controller, Post } from '@nestjs/common';
import { AuditLogger, type AuditReceipt } from 'nestjs-auth-services';
import { Trail } from './trail.js';

@Controller('payments')
export class PaymentsController {
  constructor(
    private readonly audit: AuditLogger,
    private readonly trail: Trail,
  ) {}

  /** Answers when the payment is in the trail and on the disk, with the receipt that proves it. */
  @Post()
  async pay(@Body() { to, amount }: { to: string; amount: number }): Promise<{ paid: number; receipt: AuditReceipt }> {
    const receipt = await this.audit.append({ eventType: 'payment', metadata: { to, amount } });
    this.trail.receipts.push(receipt);
    return { paid: amount, receipt };
  }
}
