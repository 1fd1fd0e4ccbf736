package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	mostBody = 64 << 10
	budget   = 500 * time.Millisecond // of a request
)

type createHandler struct{ service service }

func (h createHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	draft, err := h.create(w, r)
	if err == nil {
		answer(w, http.StatusOK, created{draft.ID, draft.Objective, draft.StoreName, draft.Status})
		return
	}
	if err.cause != nil {
		slog.Error("a request failed", "code", err.Code, "error", err.cause)
	}
	answer(w, err.status, err)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (h createHandler) create(w http.ResponseWriter, r *http.Request) (*draft, *apiError) {
	body := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(body)
	body.Reset()
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, mostBody)); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, errBodyTooLarge
		}
		return nil, badRequest("MALFORMED_REQUEST")
	}
	request, refused := parseCreateRequest(body.Bytes())
	if refused != nil {
		return nil, refused
	}
	// A client that leaves must not come between the draft and its event.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), budget)
	defer cancel()
	return h.service.create(ctx, request)
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := toJSON(body)
	if err != nil {
		slog.Error("an answer can't be written", "error", err)
		status, text = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	w.Write(text)
}
