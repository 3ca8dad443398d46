import type {JsonObject} from '../../../json.ts';
import {at} from '../paths.ts';
import type {Subscription} from '../standing.ts';
import {collection, healthy, link, resource} from './collection.ts';

/** Subscriptions can be read and deleted. Nothing is sent: there is nobody at the address of the one that is there. */
export const eventService: JsonObject = resource(
  at.eventService,
  'EventService.v1_9_0.EventService',
  'EventService',
  'Event Service',
  {ServiceEnabled: true, Status: healthy, Subscriptions: link(at.subscriptions)},
);

export const subscriptionCollection = (all: readonly Subscription[]): JsonObject =>
  collection(
    at.subscriptions,
    'EventDestination',
    'Event Subscriptions',
    all.map(({id}) => link(at.subscription(id))),
  );

export const subscriptionResource = ({id, destination}: Subscription): JsonObject =>
  resource(at.subscription(id), 'EventDestination.v1_13_0.EventDestination', id, `Subscription ${id}`, {
    Destination: destination,
    Protocol: 'Redfish',
    SubscriptionType: 'RedfishEvent',
    Context: null,
  });
