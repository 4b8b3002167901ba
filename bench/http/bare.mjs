// A bare Nest application: what everything else is measured against.
import { dataController, moduleOf, serve, users } from './common.mjs';

await serve(moduleOf({ controllers: [dataController()] }), users);
