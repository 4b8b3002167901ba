import { Body, Controller, Post } from '@nestjs/common';
import { CurrentCaller, HumanOnly, type Caller } from 'nestjs-auth-services';
import { TransfersService, type Transfer } from './transfers.service.js';

@Controller('transfers')
export class TransfersController {
  constructor(private readonly transfers: TransfersService) {}

  @Post()
  @HumanOnly()
  create(@CurrentCaller() caller: Caller, @Body() transfer: Transfer) {
    return this.transfers.transfer(caller, transfer);
  }
}
