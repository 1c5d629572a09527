"""The part of Fluent Commerce's GraphQL schema that the fake has: names, types, what is required.

Written from Fluent's public schema pages. What of a fulfilment choice and of an address is required
is on no page that could be read: here it is what an order can't be delivered without.
"""

from __future__ import annotations

from graphql import build_schema

_TEXT = """
scalar DateTime
scalar Json

type Query {
  orders(ref: [String!], type: [String!], status: [String!], first: Int, after: String):
    OrderConnection
  virtualPositions(
    catalogue: VirtualCatalogueKey, ref: [String!], type: [String!], status: [String!],
    productRef: [String!], groupRef: [String], first: Int, after: String
  ): VirtualPositionConnection
}

type Mutation {
  createOrder(input: CreateOrderInput): Order
  createOrderAndCustomer(input: CreateOrderAndCustomerInput): Order
}

type PageInfo { hasPreviousPage: Boolean hasNextPage: Boolean }

type OrderConnection { edges: [OrderEdge] pageInfo: PageInfo }
type OrderEdge { cursor: String node: Order }
type Order {
  id: ID! ref: String type: String! status: String createdOn: DateTime updatedOn: DateTime
  totalPrice: Float totalTaxPrice: Float customer: Customer
}
type Customer { id: ID! ref: String username: String }

type VirtualPositionConnection { edges: [VirtualPositionEdge] pageInfo: PageInfo }
type VirtualPositionEdge { cursor: String node: VirtualPosition }
type VirtualPosition {
  id: ID! ref: String type: String! status: String createdOn: DateTime updatedOn: DateTime
  productRef: String! groupRef: String quantity: Int!
}

input VirtualCatalogueKey { ref: String! }
input RetailerId { id: ID! }
input CustomerId { id: ID! }
input AttributeInput { name: String! type: String! value: Json! }

input CreateOrderInput {
  ref: String! type: String! attributes: [AttributeInput] retailer: RetailerId!
  totalPrice: Float totalTaxPrice: Float customer: CustomerId!
  billingAddress: AddressInput
  fulfilmentChoice: CreateFulfilmentChoiceWithOrderInput
  fulfilmentChoices: [CreateFulfilmentChoiceWithOrderInput]
  items: [CreateOrderItemWithOrderInput]!
}
input CreateOrderAndCustomerInput {
  ref: String! type: String! attributes: [AttributeInput] retailer: RetailerId!
  totalPrice: Float totalTaxPrice: Float customer: CreateCustomerInput!
  fulfilmentChoice: CreateFulfilmentChoiceWithOrderInput
  fulfilmentChoices: [CreateFulfilmentChoiceWithOrderInput]
  items: [CreateOrderItemWithOrderInput]!
}
input CreateCustomerInput {
  username: String! attributes: [AttributeInput] title: String department: String country: String
  firstName: String lastName: String primaryEmail: String! primaryPhone: String timezone: String
  promotionOptIn: Boolean! retailer: RetailerId!
}
input CreateOrderItemWithOrderInput {
  ref: String! productRef: String! productCatalogueRef: String fulfilmentChoiceRef: String
  quantity: Int! paidPrice: Float currency: String price: Float taxPrice: Float taxType: String
  totalPrice: Float totalTaxPrice: Float attributes: [AttributeInput]
}
input CreateFulfilmentChoiceWithOrderInput {
  ref: String type: String currency: String deliveryInstruction: String deliveryType: String!
  fulfilmentPrice: Float fulfilmentTaxPrice: Float fulfilmentType: String!
  pickupLocationRef: String deliveryAddress: AddressInput attributes: [AttributeInput]
}
input AddressInput {
  ref: String name: String! companyName: String street: String! city: String! state: String
  region: String postcode: String country: String! email: String timeZone: String
  latitude: Float longitude: Float
}
"""

SCHEMA = build_schema(_TEXT)
