import { Body, Controller, Delete, NotFoundException, Param, Put } from '@nestjs/common';
import { Audit } from 'nestjs-auth-services';

interface Customer {
  readonly id: string;
  readonly version: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Changes of a resource: the request's own event says what was done, and to what. */
@Controller('customers')
export class CustomersController {
  private readonly customers = new Map<string, Customer>();

  @Put(':id')
  @Audit({
    action: 'customer.update',
    metadata: (_caller, { id, version, fields }: Customer) => ({ id, version, changed: fields }),
  })
  update(@Param('id') id: string, @Body() fields: Record<string, unknown>): Customer {
    const version = (this.customers.get(id)?.version ?? 0) + 1;
    const customer = { id, version, fields };
    this.customers.set(id, customer);
    return customer;
  }

  @Delete(':id')
  @Audit({ action: 'customer.delete', metadata: (_caller, { deleted }: { deleted: string }) => ({ id: deleted }) })
  remove(@Param('id') id: string): { deleted: string } {
    if (!this.customers.delete(id)) throw new NotFoundException();
    return { deleted: id };
  }
}
