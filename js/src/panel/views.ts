/** The views that a tab shows. */

export { card } from '../views/card';
export { compare } from '../views/compare';
export { drift } from '../views/drift/drift';
export { endpoint } from '../views/endpoint';
export { journey } from '../views/journey/journey';
export { models } from '../views/models';
export { policies } from '../views/policies';
export { retraining } from '../views/retraining';
export { versions } from '../views/versions';
