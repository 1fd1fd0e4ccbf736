package main

import (
	"context"
	"log/slog"
)

type service struct {
	store  *store
	cache  *cache
	events *publisher
}

// create is the flow: cache, save, cache, publish. It goes on without the cache.
func (s service) create(ctx context.Context, request *createRequest) (*draft, *apiError) {
	cached, err := s.cache.draftInProgress(ctx, request.UserID)
	if err != nil {
		slog.Warn("cache failed", "error", err)
	} else if cached != nil {
		return cached, nil
	}
	draft, isNew, err := s.store.save(ctx, request)
	if err != nil {
		return nil, unavailable("STORAGE_UNAVAILABLE", err)
	}
	if !isNew {
		return draft, nil
	}
	if err := s.cache.remember(ctx, draft); err != nil {
		slog.Warn("cache failed", "error", err)
	}
	if err := s.events.publish(ctx, draft); err != nil {
		return nil, unavailable("PUBLISHER_UNAVAILABLE", err)
	}
	return draft, nil
}
