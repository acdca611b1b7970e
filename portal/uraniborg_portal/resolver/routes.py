"""Routes of resolver."""

from fastapi import APIRouter

router = APIRouter()
