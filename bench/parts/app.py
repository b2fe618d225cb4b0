"""An ordinary FastAPI application: one endpoint, a kilobyte of JSON."""

import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/api/items")
async def items() -> dict:
    return {"items": "x" * 1000}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
