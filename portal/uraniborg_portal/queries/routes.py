"""Routes of queries."""

from fastapi import APIRouter

router = APIRouter()
