"""Routes of tap."""

from fastapi import APIRouter

router = APIRouter()
