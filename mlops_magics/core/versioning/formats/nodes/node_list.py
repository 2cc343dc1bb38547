"""The kinds of nodes, in the order in which a value is tried."""

from __future__ import annotations

from mlops_magics.core.versioning.formats.nodes.binned_trees import BinnedTreesNode
from mlops_magics.core.versioning.formats.nodes.boosters_inside import CatboostNode, LightgbmNode, XgboostNode
from mlops_magics.core.versioning.formats.nodes.containers import ArraysNode, JsonNode, MappingNode, ObjectsNode
from mlops_magics.core.versioning.formats.nodes.decision_trees import TreeNode, TreesNode
from mlops_magics.core.versioning.formats.nodes.library_objects import (
    DtypeNode,
    FunctionNode,
    LibraryObjectNode,
    SplineNode,
)
from mlops_magics.core.versioning.formats.nodes.neighbour_trees import NeighbourTreeNode
from mlops_magics.core.versioning.formats.nodes.node import Node
from mlops_magics.core.versioning.formats.nodes.sparse_matrix import SparseMatrixNode

NODES: tuple[Node, ...] = (
    TreesNode(),
    TreeNode(),
    BinnedTreesNode(),
    NeighbourTreeNode(),
    XgboostNode(),
    LightgbmNode(),
    CatboostNode(),
    SparseMatrixNode(),
    LibraryObjectNode(),
    FunctionNode(),
    DtypeNode(),
    SplineNode(),
    JsonNode(),
    ArraysNode(),
    ObjectsNode(),
    MappingNode(),
)
BY_KIND: dict[str, Node] = {node.kind: node for node in NODES}
