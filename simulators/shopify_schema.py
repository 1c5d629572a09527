"""The part of Shopify's GraphQL Admin API (2026-04) that is faked, and what a query of it costs.

Written from the reference on shopify.dev: `nodes`, `ProductVariant`, `InventoryItem`,
`InventoryLevel`, `inventoryAdjustQuantities`, the directive `@idempotent`, and the page about rate
limits: an object costs a point, a list of ids so many as there are ids, a mutation ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLObjectType,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    build_schema,
    get_named_type,
    value_from_ast_untyped,
)

SCHEMA = build_schema("""
directive @idempotent(key: String!) on FIELD

interface Node { id: ID! }

type Query {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
}

type ProductVariant implements Node {
  id: ID!
  sku: String
  inventoryPolicy: ProductVariantInventoryPolicy!
  inventoryItem: InventoryItem!
}

enum ProductVariantInventoryPolicy { CONTINUE DENY }

type InventoryItem implements Node {
  id: ID!
  sku: String
  tracked: Boolean!
  inventoryLevel(locationId: ID!): InventoryLevel
}

type InventoryLevel implements Node {
  id: ID!
  location: Location!
  quantities(names: [String!]!): [InventoryQuantity!]!
}

type InventoryQuantity { name: String! quantity: Int! }

type Location implements Node { id: ID! }

type Mutation {
  inventoryAdjustQuantities(
    input: InventoryAdjustQuantitiesInput!
  ): InventoryAdjustQuantitiesPayload
}

input InventoryAdjustQuantitiesInput {
  changes: [InventoryChangeInput!]!
  name: String!
  reason: String!
  referenceDocumentUri: String
}

input InventoryChangeInput {
  changeFromQuantity: Int
  delta: Int!
  inventoryItemId: ID!
  ledgerDocumentUri: String
  locationId: ID!
}

type InventoryAdjustQuantitiesPayload {
  inventoryAdjustmentGroup: InventoryAdjustmentGroup
  userErrors: [InventoryAdjustQuantitiesUserError!]!
}

type InventoryAdjustmentGroup implements Node {
  id: ID!
  createdAt: String!
  reason: String!
  referenceDocumentUri: String
}

type InventoryAdjustQuantitiesUserError { code: String field: [String!] message: String! }
""")

_MUTATION = 10


def cost_of(
    document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, object]
) -> int:
    """Give the points that are asked for a valid operation before it runs."""
    if operation.operation is OperationType.MUTATION:
        return _MUTATION * len(operation.selection_set.selections)
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    query = cast("GraphQLObjectType", SCHEMA.query_type)
    return _Cost(fragments, variables).of(operation.selection_set, query)


class _Cost:
    def __init__(
        self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, object]
    ) -> None:
        self._fragments = fragments
        self._variables = variables

    def of(self, selected: SelectionSetNode, parent: GraphQLCompositeType) -> int:
        """Add up a selection; of fragments on several types the dearest counts."""
        fields, dearest = 0, 0
        for each in selected.selections:
            if isinstance(each, FieldNode):
                fields += self._field(each, parent)
                continue
            inner = (
                self._fragments[each.name.value]
                if isinstance(each, FragmentSpreadNode)
                else cast("InlineFragmentNode", each)
            )
            condition = inner.type_condition
            type_ = SCHEMA.type_map[condition.name.value] if condition else parent
            dearest = max(
                dearest, self.of(inner.selection_set, cast("GraphQLCompositeType", type_))
            )
        return fields + dearest

    def _field(self, field: FieldNode, parent: GraphQLCompositeType) -> int:
        if field.selection_set is None or isinstance(parent, GraphQLUnionType):
            return 0
        if field.name.value not in parent.fields:  # what describes the schema itself
            return 0
        type_ = get_named_type(parent.fields[field.name.value].type)
        each = 1 + self.of(field.selection_set, cast("GraphQLCompositeType", type_))
        return each * self._count(field)

    def _count(self, field: FieldNode) -> int:
        """Say how many objects a field asks for: one, or one for each id."""
        for argument in field.arguments or ():
            if argument.name.value == "ids":
                ids = value_from_ast_untyped(argument.value, dict(self._variables))
                return len(ids) if isinstance(ids, list) else 1
        return 1
